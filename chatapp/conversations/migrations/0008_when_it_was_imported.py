from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('conversations', '0007_lists_by_their_own_indexes'),
    ]

    operations = [
        migrations.AddField(
            model_name='conversation',
            name='imported_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
