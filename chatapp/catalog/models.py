"""Providers, aliases and routes: what the team may pick and where each pick goes."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from chatapp.catalog.secrets import seal, unseal


class Provider(models.Model):
    """An upstream account: base URL, key, dialect."""

    class Dialect(models.TextChoices):
        INTERN = "intern", "Intern API"
        TEMPLATE = "template", "LMDeploy, vLLM or SGLang"
        OPENAI = "openai", "OpenAI-compatible"
        DEMO = "demo", "Demo (built in)"

    name = models.CharField(max_length=64, unique=True)
    dialect = models.CharField(max_length=16, choices=Dialect, default=Dialect.OPENAI)
    base_url = models.URLField(max_length=300, help_text="Up to and with /v1, without /chat/completions.")
    sealed_key = models.TextField(blank=True, editable=False)
    key_prefix = models.CharField(max_length=12, blank=True, editable=False)
    enabled = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """The key in clear, for the call to the upstream and nothing else."""
        return unseal(self.sealed_key) if self.sealed_key else ""

    @property
    def wire_dialect(self) -> str:
        """The name under which the upstream room knows how to speak to this provider."""
        return self.Dialect.TEMPLATE if self.dialect == self.Dialect.DEMO else self.dialect

    def set_key(self, key: str) -> None:
        self.sealed_key = seal(key) if key else ""
        self.key_prefix = f"{key[:4]}…" if len(key) >= 12 else "…" if key else ""


class Alias(models.Model):
    """The name that the team picks."""

    class Thinking(models.TextChoices):
        NONE = "none", "never thinks"
        OPTIONAL = "optional", "thinks when asked"
        ALWAYS = "always", "always thinks"

    name = models.CharField(
        max_length=64,
        unique=True,
        validators=[RegexValidator(r"^[\w.\-]+\Z", "Letters, digits, dots, dashes and underscores.")],
    )
    description = models.CharField(max_length=120, blank=True)
    vision = models.BooleanField(default=False, help_text="Reads images.")
    thinking = models.CharField(max_length=8, choices=Thinking, default=Thinking.NONE)
    enabled = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=100)
    default = models.BooleanField(default=False, help_text="Chosen for a new conversation.")

    class Meta:
        verbose_name_plural = "aliases"
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name


class Route(models.Model):
    """Where an alias leads: a provider's upstream model. The lowest priority number goes first."""

    alias = models.ForeignKey(Alias, models.CASCADE, related_name="routes")
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="routes")
    upstream_model = models.CharField(max_length=200)
    priority = models.PositiveSmallIntegerField(default=1)
    weight = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1), MaxValueValidator(1000)])
    enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ["priority", "-weight", "pk"]

    def __str__(self) -> str:
        return f"{self.alias} → {self.provider}: {self.upstream_model}"
