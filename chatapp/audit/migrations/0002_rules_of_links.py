from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='entry',
            name='what',
            field=models.CharField(choices=[('shared', 'invited'), ('changed', 'changed what they may do:'), ('unshared', 'took back the invitation of'), ('left', 'left'), ('passed-on', 'passed the chat on to'), ('link-made', 'made a link:'), ('link-changed', 'changed a link:'), ('link-updated', 'updated a link:'), ('link-revoked', 'revoked a link:'), ('link-rules', 'changed what is allowed of links:'), ('read', 'read the chat as administrator:')], max_length=12),
        ),
    ]
