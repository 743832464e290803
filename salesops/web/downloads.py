"""Files that people uploaded, handed out again."""

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404


def kept_file_response(file: FieldFile, filename: str, content_type: str | None = None) -> FileResponse:
    """Return an uploaded file to keep, never to be shown inside a page of ours; Http404 where it is not there.

    Without a type it is known by its name. Right and scope are asked for before.
    """
    if not file or not file.storage.exists(str(file.name)):
        raise Http404
    response = FileResponse(file.open("rb"), as_attachment=True, filename=filename, content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
