from django.urls import path
from django.http import HttpResponse
from django.contrib.auth.decorators import login_not_required

app_name = "accounts"
urlpatterns = [path("sign-in/", login_not_required(lambda r: HttpResponse("sign in")), name="sign_in")]
