"""One picture file: what its header says, and its pages as pixels of a common shape, with bounded memory."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from engine.intake.wording import size

MOST_PIXELS = 60_000_000  # of one picture; of a JPEG, which is decoded at a fraction of its size, more
MOST_JPEG_PIXELS = 250_000_000
MOST_BYTES = 2**29  # one page of more than three bands or more than 8 bits, unpacked
MOST_PAGES = 100_000
FORMATS = ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "JPEG2000", "PPM", "ICO", "TGA"]
DAMAGED = "damaged"
HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
DEEP_MODES = ("I", "F", "I;16", "I;16B", "I;16L", "I;16N")

Image.MAX_IMAGE_PIXELS = None  # pixels are counted here, before anything is decoded
for library in ("PIL", "tifffile", "pydicom", "pi_heif"):
    logging.getLogger(library).addHandler(logging.NullHandler())  # what is wrong with a file is said in a sentence


class Unreadable(Exception):
    """Why a file is no picture that can be read; the reason follows "is" or "are": "damaged"."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@contextmanager
def quiet() -> Iterator[None]:
    """No warnings of the libraries that read pictures: what they cannot read is said in a sentence."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@dataclass(frozen=True)
class Header:
    """Upright width and height, bands and pages of a picture file; `depth` is the value that is white, 255 for bytes.

    `depth` 0 stands for numbers without a known white, such as floats; `reader` says what decodes it.
    """

    width: int
    height: int
    bands: int = 3
    pages: int = 1
    depth: int = 255
    reader: str = "pillow"


@dataclass(frozen=True)
class Shape:
    """Common stored shape; `cut` says whether pictures are cut to their centered square first."""

    height: int
    width: int
    cut: bool
    note: str = ""


def read_header(data: bytes) -> Header | None:
    """What a picture's first bytes say; None where it is no picture. Unreadable with the reason where it cannot be read."""
    if data[128:132] == b"DICM":
        return _dicom_header(data)
    if data[4:8] == b"ftyp" and data[8:12] in HEIC:
        _with_heif()
    try:
        with Image.open(io.BytesIO(data), formats=[*FORMATS, *(["HEIF"] if "HEIF" in Image.OPEN else [])]) as picture:
            found = _pillow_header(picture)
    except Unreadable:
        raise
    except Exception as error:  # Pillow's decoders raise many types on damaged files
        if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
            return _tiff_header(data)
        if data[4:8] == b"ftyp" and data[8:12] in HEIC:
            raise Unreadable("HEIC, and damaged") from error
        if any(data.startswith(magic) for magic in (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"\0\0\0\x0cjP")):
            raise Unreadable(DAMAGED) from error
        return None
    return found if found is not None else _tiff_header(data)


def _with_heif() -> None:
    try:
        import pi_heif
    except ImportError as error:
        raise Unreadable("HEIC, which needs a further package (pip install pi-heif)") from error
    pi_heif.register_heif_opener()


def _pillow_header(picture: Image.Image) -> Header | None:
    """The header as Pillow reads it; None for a TIFF whose numbers Pillow would cut to three bands or to bytes."""
    if picture.format == "TIFF" and _is_deep_tiff(picture):
        return None
    width, height = picture.size
    _check_pixels(width, height, MOST_JPEG_PIXELS if picture.format == "JPEG" else MOST_PIXELS)
    pages = getattr(picture, "n_frames", 1) if picture.format in ("TIFF", "GIF") else 1
    if pages > MOST_PAGES:
        raise Unreadable(f"a stack of more than {MOST_PAGES:,} pages")
    if picture.getexif().get(0x0112, 1) >= 5:
        width, height = height, width
    gray = picture.mode in ("1", "L", "LA", *DEEP_MODES)
    depth = 0 if picture.mode == "F" else 65535 if picture.mode in DEEP_MODES else 255
    return Header(width, height, 1 if gray else 3, pages, depth)


def _is_deep_tiff(picture: Image.Image) -> bool:
    tags: Any = getattr(picture, "tag_v2", {})
    bits, bands, extra = tags.get(258, (1,)), tags.get(277, 1), tags.get(338, ())
    bits = bits if isinstance(bits, tuple) else (bits,)
    extra = extra if isinstance(extra, tuple) else (extra,)
    alpha = bool(extra) and extra[0] in (1, 2)
    return max(bits) > 8 or (bands > 3 and not alpha and tags.get(262) != 5) or (bands == 2 and not alpha)


def _check_pixels(width: int, height: int, most: int) -> None:
    if width * height <= 0:
        raise Unreadable(DAMAGED)
    if width * height > most:
        raise Unreadable(f"of more than {most // 1_000_000} million pixels, too many to read")


def _check_bytes(n: int) -> None:
    if n > MOST_BYTES:
        raise Unreadable(f"larger than {size(MOST_BYTES)} a page once unpacked, too much to read")


def decoded(data: bytes, header: Header, shape: Shape) -> Iterator[np.ndarray]:
    """The pages of a picture file as [height, width, bands] of the common shape: uint8, or float32 where `depth` is not 255.

    Unreadable where it is damaged.
    """
    try:
        if header.reader == "pillow":
            yield from _pillow_pages(data, header, shape)
        else:
            pages = _dicom_pages(data) if header.reader == "dicom" else _tiff_pages(data)
            for page in pages:
                yield _fitted_bands(page, shape)
    except Unreadable:
        raise
    except Exception as error:  # decoders raise many types on damaged files
        raise Unreadable(_missing_codec(error) or DAMAGED) from error


def _missing_codec(error: Exception) -> str:
    if "imagecodecs" in str(error):
        return "compressed in a way that needs a further package (pip install imagecodecs)"
    return ""


def _pillow_pages(data: bytes, header: Header, shape: Shape) -> Iterator[np.ndarray]:
    with Image.open(io.BytesIO(data)) as picture:
        picture.draft("RGB", (2 * shape.width, 2 * shape.height))
        for page in range(header.pages):
            if page:
                picture.seek(page)
                _check_pixels(*picture.size, MOST_PIXELS)
            yield _fitted(_smaller(picture, shape), shape)


def _smaller(picture: Image.Image, shape: Shape) -> Image.Image:
    """The picture upright, reduced by a whole factor while it stays twice as large as needed."""
    factor = min(picture.width // (4 * shape.width), picture.height // (4 * shape.height))
    if factor > 1 and picture.mode in ("L", "LA", "RGB", "RGBA", "CMYK", "YCbCr"):
        picture.load()
        exif = picture.getexif()
        picture = picture.reduce(factor)
        picture.getexif().update(exif)
    return ImageOps.exif_transpose(picture)


def _fitted(picture: Image.Image, shape: Shape) -> np.ndarray:
    if picture.mode in DEEP_MODES:
        return _fitted_bands(np.asarray(picture, dtype=np.float32)[..., None], shape)
    plain, target = _plain(picture), (shape.width, shape.height)
    if shape.cut:
        plain = ImageOps.fit(plain, target, _resampling(min(plain.size) / shape.width))
    elif plain.size != target:
        plain = plain.resize(target, Image.Resampling.LANCZOS)
    pixels = np.asarray(plain, dtype=np.uint8)
    return pixels[..., None] if pixels.ndim == 2 else pixels


def _resampling(factor: float) -> Image.Resampling:
    """How pictures are made smaller by a factor: the smaller, the less it matters how, and the more it takes to do it well."""
    if factor > 2:
        return Image.Resampling.BOX
    return Image.Resampling.HAMMING if factor > 1.25 else Image.Resampling.BICUBIC


def _plain(picture: Image.Image) -> Image.Image:
    """Gray or RGB: palettes resolved, transparency over white."""
    if picture.mode in ("L", "RGB"):
        return picture
    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode in ("LA", "PA", "La", "RGBA", "RGBa") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return picture.convert("RGB")


def _fitted_bands(values: np.ndarray, shape: Shape) -> np.ndarray:
    """float32 [height, width, bands] of the common shape, cut to the centered square first where that is asked for."""
    height, width = values.shape[:2]
    if shape.cut:
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        values = values[top : top + side, left : left + side]
    if values.shape[:2] == (shape.height, shape.width):
        return values.astype(np.float32)
    shrinks = values.shape[0] * values.shape[1] > shape.height * shape.width
    how = Image.Resampling.BOX if shrinks else Image.Resampling.BILINEAR
    result = np.empty((shape.height, shape.width, values.shape[2]), np.float32)
    for band in range(values.shape[2]):
        plain = Image.fromarray(np.ascontiguousarray(values[..., band], dtype=np.float32))
        result[..., band] = np.asarray(plain.resize((shape.width, shape.height), how))
    return result


def _tiff_header(data: bytes) -> Header:
    import tifffile

    try:
        with tifffile.TiffFile(io.BytesIO(data)) as tiff:
            layers = [_layers(series) for series in tiff.series]
            pages = [page for page, _, _, _ in layers]
            _, height, width, bands = max(layers, key=lambda layer: layer[1] * layer[2] * layer[3])
            dtype = tiff.series[0].dtype
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(DAMAGED) from error
    _check_pixels(width, height, MOST_PIXELS)
    _check_bytes(width * height * bands * max(dtype.itemsize, 4))
    if sum(pages) > MOST_PAGES:
        raise Unreadable(f"a stack of more than {MOST_PAGES:,} pages")
    depth = 0 if dtype.kind != "u" or dtype.itemsize > 2 else 2 ** (8 * dtype.itemsize) - 1
    return Header(width, height, bands, sum(pages), depth if depth != 255 or bands in (1, 3) else 0, "tiff")


def _layers(series: Any) -> tuple[int, int, int, int]:
    """Pages, height, width and bands of one series of a TIFF."""
    sizes = dict(zip(series.axes, series.shape, strict=True))
    if not {"Y", "X"} <= set(sizes) or series.dtype is None or series.dtype.kind not in "biuf":
        raise Unreadable("a TIFF of another kind than pictures")
    bands = sizes.get("S", 1) * sizes.get("C", 1)
    pages = int(np.prod([n for axis, n in sizes.items() if axis not in "YXSC"], dtype=np.int64))
    return pages, sizes["Y"], sizes["X"], bands


def _tiff_pages(data: bytes) -> Iterator[np.ndarray]:
    import tifffile

    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        for series in tiff.series:
            pages, height, width, bands = _layers(series)
            _check_bytes(width * height * bands * 4 * (1 if len(series.pages) >= pages else pages))
            values = series.asarray() if pages == 1 or len(series.pages) < pages else None
            axes = series.axes
            if values is None:  # page by page, so that a long stack is never in memory at once
                each = max(1, len(series.pages) // pages)
                for start in range(0, each * pages, each):
                    part = np.stack(
                        [inner.asarray() for inner in series.pages[start : start + each] if inner is not None]
                    )
                    yield _numbers(_last_bands(part, bands), series)
                continue
            order = [axes.index(axis) for axis in axes if axis not in "YXSC"]
            order += [axes.index(axis) for axis in "YX"] + [axes.index(axis) for axis in "SC" if axis in axes]
            for page in values.transpose(order).reshape(pages, height, width, bands):
                yield _numbers(page, series)


def _last_bands(part: np.ndarray, bands: int) -> np.ndarray:
    """Pages [each, ...] of one picture as [height, width, bands]."""
    if len(part) == 1:
        inner: np.ndarray = part[0]
        if inner.ndim == 2:
            return inner[..., None]
        return inner if inner.shape[2] == bands else np.moveaxis(inner, 0, 2)
    return np.moveaxis(part.reshape(bands, *part.shape[-2:]), 0, 2)


def _numbers(page: np.ndarray, series: Any) -> np.ndarray:
    """float32 with NaN where there is no measurement, and with white as the largest value."""
    values = page.astype(np.float32)
    first = series.pages[0]
    tags = getattr(first, "tags", {})
    if 42113 in tags:  # GDAL's value for pixels without a measurement
        values[values == np.float32(str(tags[42113].value).strip("\0 "))] = np.nan
    inverted: np.ndarray = -values if getattr(first, "photometric", 1) == 0 else values
    return inverted


def _dicom_header(data: bytes) -> Header:
    dataset = _dicom(data)
    if "Rows" not in dataset or "PixelData" not in dataset:
        raise Unreadable("DICOM, without pixels that can be read")
    bands, frames = int(dataset.get("SamplesPerPixel", 1)), int(dataset.get("NumberOfFrames", 1) or 1)
    height, width = int(dataset.Rows), int(dataset.Columns)
    _check_pixels(width, height, MOST_PIXELS)
    _check_bytes(width * height * bands * frames * 4)
    return Header(width, height, bands, frames, 255 if bands == 3 else 0, "dicom")


def _dicom(data: bytes) -> Any:
    try:
        import pydicom
    except ImportError as error:
        raise Unreadable("DICOM, which needs a further package (pip install pydicom)") from error
    try:
        return pydicom.dcmread(io.BytesIO(data))
    except Exception as error:
        raise Unreadable(DAMAGED) from error


def _dicom_pages(data: bytes) -> Iterator[np.ndarray]:
    """Frames in the unit of the device (slope and intercept applied, such as Hounsfield units)."""
    from pydicom.pixels.processing import apply_rescale

    dataset = _dicom(data)
    try:
        pixels = dataset.pixel_array
    except (RuntimeError, NotImplementedError, ImportError) as error:
        raise Unreadable("compressed in a way that cannot be read here: save it without compression") from error
    bands = int(dataset.get("SamplesPerPixel", 1))
    values = pixels if bands == 3 else apply_rescale(pixels, dataset)
    if str(dataset.get("PhotometricInterpretation", "")) == "MONOCHROME1":
        values = -np.asarray(values, np.float32)
    yield from np.asarray(values, np.float32).reshape(-1, int(dataset.Rows), int(dataset.Columns), bands)
