from datetime import datetime

import django.db.models.deletion
from django.db import migrations, models


def bind(apps, schema_editor):
    """Live links to the last question of the newest branch; frozen ones to the message that their last record is of."""
    for link in apps.get_model("sharing", "Link").objects.select_related("conversation", "snapshot"):
        rows = {pk: (parent, role, at) for pk, parent, role, at in _messages(link.conversation)}
        link.through_id = _frozen_at(link, rows) if link.kind == "snapshot" else _question(link.conversation, rows)
        link.save(update_fields=["through"])


def count(apps, schema_editor):
    """What lists say of a frozen link."""
    for snapshot in apps.get_model("sharing", "Snapshot").objects.all():
        snapshot.turns = snapshot.messages[-1]["number"] if snapshot.messages else 0
        snapshot.images = sum(len(record["images"]) for record in snapshot.messages)
        snapshot.save(update_fields=["turns", "images"])


def _messages(conversation):
    return conversation.messages.exclude(status="waiting").values_list("pk", "parent_id", "role", "created_at")


def _question(conversation, rows):
    """The last one on the newest branch, or its end where there is none."""
    pk = conversation.leaf_id
    while pk is not None and rows[pk][1] != "user":
        pk = rows[pk][0]
    return pk or conversation.leaf_id


def _frozen_at(link, rows):
    """By its time; of answers that stand side by side their question. Where nothing matches, the newest branch."""
    last = link.snapshot.messages[-1]
    at = datetime.fromisoformat(last["at"])
    found = next((pk for pk, row in rows.items() if row[2] == at), link.conversation.leaf_id)
    return rows[found][0] if found and last["beside"] else found


class Migration(migrations.Migration):

    dependencies = [
        ('conversations', '0007_lists_by_their_own_indexes'),
        ('sharing', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='link',
            name='through',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='conversations.message'),
        ),
        migrations.AddField(
            model_name='snapshot',
            name='images',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='snapshot',
            name='turns',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.RunPython(bind, migrations.RunPython.noop),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
