"""Addresses of customers, their files and their accounts' terms."""

from django.urls import path

from .accounts import views as accounts
from .attachments import views as attachments
from .files import views as files
from .parts import views as parts
from .portal import views as portal

app_name = "customers"
urlpatterns = [
    path("customers/", files.CustomerList.as_view(), name="list"),
    path("customers/new/", files.NewCustomer.as_view(), name="new"),
    path("customers/pick/", files.PickCustomer.as_view(), name="pick"),
    path("customers/pick-representative/", files.PickRepresentative.as_view(), name="pick_representative"),
    path("customers/duplicates/", files.Duplicates.as_view(), name="duplicates"),
    path("customers/<str:code>/", files.CustomerPage.as_view(), name="record"),
    path("customers/<str:code>/change/", files.ChangeCustomer.as_view(), name="change"),
    path("customers/<str:code>/credit-terms/", accounts.CreditTerms.as_view(), name="credit_terms"),
    path("customers/<str:code>/hold/", accounts.Hold.as_view(), name="hold"),
    path("customers/<str:code>/release/", accounts.Release.as_view(), name="release"),
    path("customers/<str:code>/contacts/new/", parts.NewContact.as_view(), name="contact_new"),
    path("customers/<str:code>/addresses/new/", parts.NewAddress.as_view(), name="address_new"),
    path("customers/<str:code>/notes/new/", parts.NewNote.as_view(), name="note_new"),
    path("customers/<str:code>/papers/new/", attachments.NewAttachment.as_view(), name="attachment_new"),
    path("customers/<str:code>/people/new/", portal.InvitePerson.as_view(), name="person_invitation"),
    path("customers/<str:code>/people/<int:pk>/access/", portal.GiveAccess.as_view(), name="person_access"),
    path("customers/<str:code>/people/<int:pk>/access-end/", portal.EndAccess.as_view(), name="person_access_end"),
    path("invitations/<int:pk>/sending/", portal.SendAgain.as_view(), name="invitation_sending"),
    path("invitations/<int:pk>/revocation/", portal.Revoke.as_view(), name="invitation_revocation"),
    path("join/<str:word>/", portal.Join.as_view(), name="join"),
    path("contacts/<int:pk>/", parts.ChangeContact.as_view(), name="contact"),
    path("contacts/<int:pk>/deletion/", parts.RemoveContact.as_view(), name="contact_deletion"),
    path("addresses/<int:pk>/", parts.ChangeAddress.as_view(), name="address"),
    path("addresses/<int:pk>/deletion/", parts.RemoveAddress.as_view(), name="address_deletion"),
    path("papers/<int:pk>/", attachments.ChangeAttachment.as_view(), name="attachment"),
    path("papers/<int:pk>/deletion/", attachments.RemoveAttachment.as_view(), name="attachment_deletion"),
    path("papers/<int:pk>/file/", attachments.Download.as_view(), name="attachment_file"),
]
