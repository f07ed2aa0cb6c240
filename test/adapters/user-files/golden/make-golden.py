"""Hashes by Python's own libraries, by passlib and by Django, for make-golden.ts. Prints one JSON object."""
import base64, hashlib, io, json, os, sys, tempfile
import bcrypt
from passlib import hash as passlib
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

b64 = lambda raw: base64.b64encode(raw).decode()
people = json.load(sys.stdin)
out = {}


def keycloak(name, password, digest, rounds):
    salt = os.urandom(16)
    value = hashlib.pbkdf2_hmac(digest, password.encode(), salt, rounds, 64)
    algorithm = "pbkdf2" if digest == "sha1" else "pbkdf2-" + digest
    return b64(value), b64(salt), algorithm


out["keycloak"] = {}
for name, digest, rounds in (("kim", "sha256", 27500), ("kai", "sha512", 210000), ("kurt", "sha1", 20000)):
    value, salt, algorithm = keycloak(name, people[name], digest, rounds)
    out["keycloak"][name] = {"value": value, "salt": salt, "algorithm": algorithm, "rounds": rounds}
import argon2.low_level as low

salt = os.urandom(16)
raw = low.hash_secret_raw(people["kyle"].encode(), salt, 5, 7168, 1, 32, low.Type.ID)
out["keycloak"]["kyle"] = {"value": b64(raw), "salt": b64(salt), "algorithm": "argon2", "rounds": 5}

out["auth0"] = {name: bcrypt.hashpw(people[name].encode(), bcrypt.gensalt(10)).decode() for name in ("ann", "abe")}

# github.com/firebase/scrypt: the key of the project, encrypted with what scrypt makes of the password.
key, separator = os.urandom(64), b"\x07"
out["firebase"] = {"key": b64(key), "separator": b64(separator), "users": {}}
for name in ("fay", "finn"):
    salt = os.urandom(10)
    derived = hashlib.scrypt(people[name].encode(), salt=salt + separator, n=2**14, r=8, p=1, dklen=32)
    cipher = Cipher(algorithms.AES(derived), modes.CTR(b"\0" * 16)).encryptor()
    hashed = base64.urlsafe_b64encode(cipher.update(key) + cipher.finalize()).decode()
    out["firebase"]["users"][name] = {"hash": hashed, "salt": base64.urlsafe_b64encode(salt).decode()}

out["passlib"] = {
    "pbkdf2-sha1": passlib.pbkdf2_sha1.using(rounds=131000).hash(people["hash"]),
    "pbkdf2-sha256": passlib.pbkdf2_sha256.using(rounds=29000).hash(people["hash"]),
    "pbkdf2-sha512": passlib.pbkdf2_sha512.using(rounds=25000).hash(people["hash"]),
    "scrypt": passlib.scrypt.using(rounds=14).hash(people["hash"]),
    "argon2id": passlib.argon2.using(type="ID", memory_cost=19456, rounds=2, parallelism=1).hash(people["hash"]),
    "argon2i": passlib.argon2.using(type="I", memory_cost=8192, rounds=4, parallelism=2).hash(people["hash"]),
    "ldap-pbkdf2": passlib.ldap_pbkdf2_sha256.using(rounds=29000).hash(people["hash"]),
    "phpbb": passlib.phpass.using(rounds=11, ident="H").hash(people["hash"]),
}
out["phpass"] = {name: passlib.phpass.using(rounds=13, ident="P").hash(people[name]) for name in ("will", "wes")}

import django
from django.conf import settings

hashers = ["PBKDF2PasswordHasher", "Argon2PasswordHasher", "BCryptSHA256PasswordHasher", "PBKDF2SHA1PasswordHasher"]
settings.configure(
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    PASSWORD_HASHERS=[f"django.contrib.auth.hashers.{name}" for name in hashers],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=True,
)
django.setup()
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.core.management import call_command

call_command("migrate", verbosity=0)
algorithms_of = {"dora": "pbkdf2_sha256", "dan": "argon2", "dee": "bcrypt_sha256", "dick": "pbkdf2_sha1"}
editors = Group.objects.create(name="editor")
for name, algorithm in algorithms_of.items():
    user = User(username=name, email=f"{name}@django.example", first_name=name.title(), last_name="Django")
    user.password = make_password(people[name], hasher=algorithm)
    user.save()
# The scrypt hasher came with Django 4; its text is made as its source has it.
user = User(username="dot", email="dot@django.example", first_name="Dot", last_name="Django")
derived = hashlib.scrypt(people["dot"].encode(), salt=b"seasonedWithSalt", n=2**14, r=8, p=1, maxmem=2**26, dklen=64)
user.password = f"scrypt${2**14}$seasonedWithSalt$8$1${b64(derived)}"
user.save()
nobody = User(username="nopw", email="nopw@django.example", is_active=False)
nobody.set_unusable_password()
nobody.save()
User.objects.get(username="dora").groups.add(editors)
dump = io.StringIO()
call_command("dumpdata", "auth.user", "auth.group", "--natural-foreign", indent=1, stdout=dump)
out["django"] = dump.getvalue()
print(json.dumps(out))
