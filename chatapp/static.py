"""How static files are named and kept."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):
    """Hashed names also inside our JavaScript modules' import lines."""

    support_js_module_import_aggregation = True
