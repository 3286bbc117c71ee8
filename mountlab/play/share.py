"""A transcript as a short string that survives mail and chat: a letter for the version, then base64url.

Version ``A``: three bytes of the text's CRC-32, then the text as a raw deflate stream that knows the words of
the language beforehand (`WORDS`), in base64url without padding.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib

VERSION = "A"
LONGEST = 1 << 20
"""Characters of the longest transcript, and of the longest string, that is unpacked."""
FORM = re.compile(r"[A-Z][A-Za-z0-9_-]{7,}")
# Never change it: the strings people have depend on it.  What is likeliest stands last.
WORDS = (
    b"#? host: /a absent\n#? exit 32 EBUSY\n#? host: /b mounted propagation=slave\n same-as  source= fstype="
    b"findmnt -o TARGET,SOURCE,FSROOT,PROPAGATION cat /proc/self/mountinfo ls -l touch echo rmdir rm -r cd "
    b"pivot_root chroot nsenter --target host --mount umount -l umount -R ramfs remount,bind,ro "
    b"--make-rshared --make-rslave --make-rprivate --make-runbindable --make-unbindable --make-private "
    b"--make-slave mount --move mount --rbind unshare --mount --user --propagation unchanged slave shared "
    b"private\n#: init=systemd\n#: init=bare\nhost#\nc2# c1# unshare --mount\nhost# mkdir -p /a /b /c\n"
    b"host# mount -t tmpfs disk1 /a\nhost# mount --make-shared /a\nhost# mount --bind /a /b\nhost# umount /b"
)


class ShareError(Exception):
    """The string is no share string, or not a whole one; the message says which."""


def is_share(text: str) -> bool:
    """Whether the text looks like a share string: one word that no transcript could be."""
    return FORM.fullmatch(text.strip()) is not None


def dump(text: str) -> str:
    """The string for a transcript."""
    data = text.encode()
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, WORDS)
    packed = _mark(data) + packer.compress(data) + packer.flush()
    return VERSION + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def load(string: str) -> str:
    """The transcript in a string.

    Raises:
        ShareError: when it was not made by `dump`, was cut, or was changed on its way.
    """
    string = string.strip()
    if not is_share(string):
        raise ShareError("this is no share string: it is one word of letters, digits, - and _")
    if string[0] != VERSION:
        known = f"this one reads {VERSION}"
        raise ShareError(f"a share string of version {string[0]}: another mountlab made it, {known}")
    if len(string) > LONGEST:
        raise ShareError(f"a share string of {len(string)} characters: at most {LONGEST} are unpacked")
    broken = ShareError("the share string is not whole: copy it again, from its first letter to its last")
    try:
        packed = base64.urlsafe_b64decode(string[1:] + "=" * (-len(string[1:]) % 4))
        unpacker = zlib.decompressobj(-15, WORDS)
        data = unpacker.decompress(packed[3:], LONGEST + 1)
    except (binascii.Error, zlib.error):
        raise broken from None
    if len(data) > LONGEST:
        raise ShareError(f"the share string holds a transcript of more than {LONGEST} bytes")
    if not unpacker.eof or unpacker.unused_data or _mark(data) != packed[:3]:
        raise broken
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise broken from None


def _mark(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(4, "big")[1:]
