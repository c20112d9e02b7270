from django.db import migrations

from chatapp.search.building import Tables, build


def index(apps, schema_editor):
    models = [('conversations', 'Conversation'), ('conversations', 'Message'), ('search', 'Entry')]
    for _ in build(Tables(*(apps.get_model(*name) for name in models))):
        pass


class Migration(migrations.Migration):

    # Each batch is a transaction of its own.
    atomic = False

    dependencies = [
        ('search', '0001_entries'),
    ]

    operations = [
        migrations.RunPython(index, migrations.RunPython.noop),
    ]
