"""Addresses of sign-in and of people, roles, regions, teams and delegation."""

from django.urls import path

from .delegation import views as delegation
from .people import views as people
from .regions import views as regions
from .rights import views as rights
from .secondfactor import views as secondfactor
from .signin import eventviews as events
from .signin import views as signin
from .teams import views as teams

app_name = "users"
urlpatterns = [
    path("sign-in/", signin.SignIn.as_view(), name="sign_in"),
    path("sign-in/code/", signin.SignInCode.as_view(), name="sign_in_code"),
    path("sign-out/", signin.SignOut.as_view(), name="sign_out"),
    path("password/", signin.PasswordChange.as_view(), name="password"),
    path("second-factor/", secondfactor.SecondFactorPage.as_view(), name="second_factor"),
    path("second-factor/new/", secondfactor.SetUp.as_view(), name="second_factor_new"),
    path("second-factor/codes/", secondfactor.NewCodes.as_view(), name="second_factor_codes"),
    path("second-factor/end/", secondfactor.End.as_view(), name="second_factor_end"),
    path("sign-ins/", events.SignInList.as_view(), name="sign_ins"),
    path("sign-ins/mine/", events.OwnSignIns.as_view(), name="own_sign_ins"),
    path("sign-ins/people/", events.PickAnybody.as_view(), name="pick_anybody"),
    path("people/", people.PeopleList.as_view(), name="people"),
    path("people/new/", people.NewPerson.as_view(), name="person_new"),
    path("people/pick/", people.PickPeople.as_view(), name="pick_people"),
    path("people/<str:username>/", people.PersonPage.as_view(), name="person"),
    path("people/<str:username>/change/", people.ChangePerson.as_view(), name="person_change"),
    path("people/<str:username>/password/", people.SetPassword.as_view(), name="person_password"),
    path("people/<str:username>/second-factor-reset/", secondfactor.Reset.as_view(), name="person_second_factor"),
    path("people/<str:username>/access/", people.GiveAccess.as_view(), name="person_access"),
    path("people/<str:username>/access-end/", people.EndAccess.as_view(), name="person_access_end"),
    path("roles/", rights.RolesPage.as_view(), name="roles"),
    path("regions/", regions.RegionsPage.as_view(), name="regions"),
    path("regions/new/", regions.NewRegion.as_view(), name="region_new"),
    path("regions/pick/", regions.PickRegion.as_view(), name="pick_region"),
    path("regions/<str:code>/children/", regions.RegionChildren.as_view(), name="region_children"),
    path("regions/<str:code>/change/", regions.ChangeRegion.as_view(), name="region_change"),
    path("regions/<str:code>/deletion/", regions.DeleteRegion.as_view(), name="region_deletion"),
    path("teams/", teams.TeamList.as_view(), name="teams"),
    path("teams/new/", teams.NewTeam.as_view(), name="team_new"),
    path("teams/<int:pk>/change/", teams.ChangeTeam.as_view(), name="team_change"),
    path("teams/<int:pk>/deletion/", teams.DeleteTeam.as_view(), name="team_deletion"),
    path("delegation/", delegation.DelegationList.as_view(), name="delegation"),
    path("delegation/new/", delegation.NewDelegation.as_view(), name="delegation_new"),
    path("delegation/<int:pk>/revocation/", delegation.RevokeDelegation.as_view(), name="delegation_revocation"),
]
