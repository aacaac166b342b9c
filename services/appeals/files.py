"""Files that an appeal may have."""

from __future__ import annotations

import re
from typing import Final

from services.appeals.errors import FileRefused, FileTooLarge
from services.appeals.models import Attachment

MOST: Final = 10
LARGEST: Final = 20  # megabytes
_MEGABYTE: Final = 1024 * 1024

_PROGRAMS: Final = frozenset({
    "apk", "app", "appimage", "bat", "chm", "class", "cmd", "com", "command", "cpl", "deb", "dll", "dmg",
    "exe", "gadget", "hta", "inf", "ins", "iso", "jar", "job", "js", "jse", "ksh", "lnk", "mjs", "msc", "msi",
    "msix", "msp", "mst", "pif", "pkg", "ps1", "ps1xml", "ps2", "psc1", "psm1", "py", "pyc", "pyw", "rb", "reg",
    "rpm", "run", "scf", "scr", "sct", "sh", "so", "svg", "sys", "url", "vb", "vbe", "vbs", "vhd", "vhdx", "vxd",
    "website", "workflow", "ws", "wsc", "wsf", "wsh", "xll", "docm", "dotm", "xlsm", "xltm", "xlam", "pptm", "potm",
    "ppam", "ppsm", "sldm", "htm", "html", "xhtml", "mht", "mhtml", "shtml",
})  # fmt: skip
_PROGRAM_TYPES: Final = re.compile(
    "msdownload|dosexec|executable|x-(sh|csh|msi|elf|bat|perl|python|ruby|php|httpd-php|shellscript|sharedlib|mach)"
    "|javascript|ecmascript|vbscript|java-archive|java-vm|android.package|ms-installer|macroenabled|html|svg|hta"
    "|ms-shortcut|ms-htmlhelp|portable-exe|x-object|apple-diskimage|debian.binary|x-rpm",
    re.IGNORECASE,
)
_TURNED: Final = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # marks that show «fdp.exe» as «exe.pdf»


def check(file: Attachment, mime: str = "") -> None:
    """Raises FileRefused for a program or a script, whatever else its name or its type says, and FileTooLarge."""
    name = file.name.strip(" .")
    ending = name.rpartition(".")[2].strip().casefold() if "." in name else ""
    if _TURNED.search(name) or ending in _PROGRAMS or _PROGRAM_TYPES.search(mime):
        raise FileRefused(what=_TURNED.sub("", file.name) or mime)
    if file.size > LARGEST * _MEGABYTE:
        raise FileTooLarge(size=-(-file.size // _MEGABYTE), largest=LARGEST)
