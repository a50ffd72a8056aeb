"""Writes picture files and what PIL and torchvision make of them: /usr/bin/python3 make_pictures.py SAMPLE_FOLDER

SAMPLE_FOLDER holds ImageNet pictures in class folders (https://github.com/EliSchwartz/imagenet-sample-images). Pictures go to
../Fixtures/pictures, expected bytes (side, side, 3) of each to ../Fixtures/pictures-SIDE.bin, in the order of the names.
Made with Pillow 9.4 and torchvision 0.14.
"""
import pathlib
import shutil
import sys

from PIL import Image, ImageOps
from torchvision.transforms import functional

sample, fixtures = pathlib.Path(sys.argv[1]), pathlib.Path("../Fixtures")
folder = fixtures / "pictures"
shutil.rmtree(folder, ignore_errors=True)
for name in ("n02095889/Sealyham_terrier", "n03485407/hand-held_computer", "n07716906/spaghetti_squash"):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(sample / (name + ".JPEG"), folder / (name + ".JPEG"))

odd = folder / "odd"
odd.mkdir()
small = Image.open(folder / "n02095889/Sealyham_terrier.JPEG").convert("RGB").resize((90, 60))
small.convert("L").save(odd / "grey.jpg", quality=90)
small.convert("CMYK").save(odd / "cmyk.jpg", quality=90)
small.convert("RGBA").save(odd / "alpha.png")
small.resize((31, 200)).save(odd / "tall.jpg", quality=90)
small.resize((23, 17)).save(odd / "tiny.png")
for orientation in range(2, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    small.resize((45, 30)).save(odd / f"exif{orientation}.jpg", quality=90, exif=exif)

for side, resize in ((35, 40),):
    with open(fixtures / f"pictures-{side}.bin", "wb") as expected:
        for path in sorted(str(p.relative_to(folder)) for p in folder.glob("*/*")):
            picture = ImageOps.exif_transpose(Image.open(folder / path)).convert("RGB")
            expected.write(functional.center_crop(functional.resize(picture, resize), side).tobytes())
