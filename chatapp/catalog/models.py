"""Providers, aliases and routes: what the team may pick and where each pick goes."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from chatapp.catalog.secrets import seal, unseal

_NAME = RegexValidator(r"^[\w.\-]+\Z", "Letters, digits, dots, dashes and underscores.")


class Parameters(models.Model):
    """How to write an answer, as far as somebody said so; what is empty is left to the model."""

    temperature = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(2)])
    top_p = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0.01), MaxValueValidator(1)])
    top_k = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    min_p = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(1)])
    answer_tokens = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
        help_text="The most tokens of one answer.",
    )

    class Meta:
        abstract = True


class Provider(models.Model):
    """An upstream account: base URL, key, dialect, and how much of it there is to share."""

    class Dialect(models.TextChoices):
        INTERN = "intern", "Intern API"
        LMDEPLOY = "lmdeploy", "LMDeploy 0.12 or newer"
        LMDEPLOY_OLD = "lmdeploy-old", "LMDeploy before 0.12"
        VLLM = "vllm", "vLLM"
        SGLANG = "sglang", "SGLang"
        OLLAMA = "ollama", "Ollama"
        LLAMACPP = "llamacpp", "llama.cpp"
        LITELLM = "litellm", "LiteLLM or another gateway"
        OPENAI = "openai", "OpenAI"
        DEEPSEEK = "deepseek", "DeepSeek"
        PLAIN = "plain", "Another OpenAI-compatible server"
        DEMO = "demo", "Demo (built in)"

    name = models.CharField(max_length=64, unique=True)
    dialect = models.CharField(max_length=16, choices=Dialect, default=Dialect.PLAIN)
    base_url = models.URLField(max_length=300, help_text="Up to and with /v1, without /chat/completions.")
    sealed_key = models.TextField(blank=True, editable=False)
    key_prefix = models.CharField(max_length=12, blank=True, editable=False)
    enabled = models.BooleanField(default=True)
    streams = models.BooleanField(default=True, help_text="Off: answers are asked for in one piece.")
    requests_per_minute = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    tokens_per_minute = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    concurrent = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="Answers at the same time."
    )
    synced_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """The key in clear, for the call to the upstream and nothing else."""
        return unseal(self.sealed_key) if self.sealed_key else ""

    @property
    def wire_dialect(self) -> str:
        """The name under which the upstream room knows how to speak to this provider."""
        return self.Dialect.LMDEPLOY if self.dialect == self.Dialect.DEMO else self.dialect

    def set_key(self, key: str) -> None:
        self.sealed_key = seal(key) if key else ""
        self.key_prefix = f"{key[:4]}…" if len(key) >= 12 else "…" if key else ""


class UpstreamModel(models.Model):
    """A model id in a provider's list, as the last sync saw it."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="upstream_models")
    model_id = models.CharField(max_length=200)
    ref_model = models.CharField(max_length=200, blank=True, help_text="What the id stands for, where it is told.")
    context_tokens = models.PositiveIntegerField(null=True, blank=True)
    first_seen_at = models.DateTimeField(auto_now_add=True)
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["model_id"]
        constraints = [models.UniqueConstraint(fields=["provider", "model_id"], name="a_model_is_listed_once")]

    def __str__(self) -> str:
        return self.model_id


class Alias(Parameters):
    """The name that the team picks."""

    class Thinking(models.TextChoices):
        NONE = "none", "never thinks"
        OPTIONAL = "optional", "thinks when asked"
        ALWAYS = "always", "always thinks"

    class Hue(models.TextChoices):
        TEAL = "teal", "teal"
        BLUE = "blue", "blue"
        VIOLET = "violet", "violet"
        ROSE = "rose", "rose"
        AMBER = "amber", "amber"
        GREY = "grey", "grey"

    name = models.CharField(max_length=64, unique=True, validators=[_NAME])
    description = models.CharField("best for", max_length=120, blank=True)
    hue = models.CharField("colour", max_length=6, choices=Hue, default=Hue.TEAL)
    vision = models.BooleanField("reads images", default=False)
    images = models.PositiveSmallIntegerField(
        "images in one request", default=10, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    image_pixels = models.PositiveIntegerField(
        "pixels of an image", default=1_600_000, validators=[MinValueValidator(10_000), MaxValueValidator(50_000_000)]
    )
    thinking = models.CharField(max_length=8, choices=Thinking, default=Thinking.NONE)
    think_by_default = models.BooleanField(default=False)
    tools = models.BooleanField("uses tools", default=False)
    context_tokens = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(512), MaxValueValidator(100_000_000)]
    )
    price_in = models.DecimalField(
        "price in", max_digits=10, decimal_places=4, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    price_out = models.DecimalField(
        "price out", max_digits=10, decimal_places=4, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    groups = models.ManyToManyField(Group, blank=True, related_name="+", help_text="None: everyone may use it.")
    shows_target = models.BooleanField(
        "members see what it points to", default=False, help_text="Upstream model and provider, never the address."
    )
    enabled = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=100)
    default = models.BooleanField(default=False, help_text="Chosen for a new conversation.")
    # It thought although it was told not to: when last seen.
    thought_unasked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name_plural = "aliases"
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name


class FormerName(models.Model):
    """A name that an alias had once: conversations and scripts that use it go on working."""

    alias = models.ForeignKey(Alias, models.CASCADE, related_name="former_names")
    name = models.CharField(max_length=64, unique=True)

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


class Change(models.Model):
    """One line of the history of an alias or a provider: who, when, what; never a secret."""

    alias = models.ForeignKey(Alias, models.CASCADE, null=True, blank=True, related_name="changes")
    provider = models.ForeignKey(Provider, models.CASCADE, null=True, blank=True, related_name="changes")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="None: the server.",
    )
    at = models.DateTimeField(auto_now_add=True)
    what = models.CharField(max_length=300)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.what
