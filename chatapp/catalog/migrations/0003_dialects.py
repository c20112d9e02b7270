from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def rename(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    providers = apps.get_model("catalog", "Provider").objects
    providers.filter(dialect="template").update(dialect="lmdeploy")


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_every_upstream")]
    operations = [migrations.RunPython(rename, migrations.RunPython.noop)]
