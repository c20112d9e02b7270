from chatapp.catalog.models import Alias, Route


def aliases_for(user):
    return Alias.objects.filter(enabled=True, routes__enabled=True, routes__provider__enabled=True).distinct()


def may_use(user, alias):
    return aliases_for(user).filter(pk=alias.pk).exists()


def default_alias(user):
    return aliases_for(user).order_by("-default", "order").first()


def first_route(alias):
    return (
        Route.objects.filter(alias=alias, enabled=True, provider__enabled=True)
        .select_related("provider")
        .first()
    )


def only_demo():
    return not Route.objects.exclude(provider__dialect="demo").exists()
