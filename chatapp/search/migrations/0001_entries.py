import django.db.models.deletion
from django.db import migrations, models

# Whoever makes the table search_entry anew on SQLite makes its trigger anew.
MADE = {
    "sqlite": [
        # Our tokens come with blanks between them; "ascii" takes all beyond ASCII for letters and leaves it alone.
        "CREATE VIRTUAL TABLE search_words USING fts5(tokens, tokenize='ascii', columnsize=0)",
        # Whatever deletes an entry deletes its words.
        "CREATE TRIGGER search_words_go AFTER DELETE ON search_entry"
        " BEGIN DELETE FROM search_words WHERE rowid = old.id; END",
    ],
    "postgresql": [
        "ALTER TABLE search_entry ADD COLUMN words tsvector",
        # Without a list of what is pending: that is short for those who write and long for those who search.
        "CREATE INDEX search_entry_words ON search_entry USING gin (words) WITH (fastupdate = off)"
        " WHERE words IS NOT NULL",
    ],
}
UNMADE = {
    "sqlite": ["DROP TRIGGER search_words_go", "DROP TABLE search_words"],
    "postgresql": ["ALTER TABLE search_entry DROP COLUMN words"],
}


def make(apps, schema_editor):
    for statement in MADE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def unmake(apps, schema_editor):
    for statement in UNMADE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('conversations', '0005_branches_folders_and_opinions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.BooleanField(default=False)),
                ('version', models.PositiveSmallIntegerField()),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='conversations.conversation')),
                ('message', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='conversations.message')),
            ],
            options={
                'verbose_name_plural': 'entries',
                'constraints': [models.UniqueConstraint(condition=models.Q(('message', None)), fields=('conversation',), name='one_entry_for_a_title')],
            },
        ),
        migrations.RunPython(make, unmake),
    ]
