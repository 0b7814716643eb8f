//! Picture files, and the pixels in them.

use std::io::Cursor;

use png::{ColorType, Limits, Transformations};
use tiny_skia::{FilterQuality, IntSize, Paint, Pattern, Pixmap, Rect, SpreadMode, Transform};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::format::Format;

/// JPEG quality, from 1 to 100.
const QUALITY: u8 = 90;
/// What decoding may allocate.
const MAX_DECODED_BYTES: usize = 256 * 1024 * 1024;

/// How a file begins.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = &[0xff, 0xd8, 0xff];

/// Writes a file. What is transparent becomes opaque.
pub fn encode(pixels: &Pixmap, format: Format) -> Vec<u8> {
    let rgb: Vec<u8> = pixels.data().chunks_exact(4).flat_map(|pixel| pixel.iter().copied().take(3)).collect();
    let mut file = Vec::with_capacity(rgb.len() / 4);
    let written = match format {
        Format::Jpeg => encode_jpeg(&mut file, &rgb, pixels).is_ok(),
        Format::Png => encode_png(&mut file, &rgb, pixels).is_ok(),
    };
    debug_assert!(written, "writing to memory cannot fail");
    file
}

fn encode_jpeg(file: &mut Vec<u8>, rgb: &[u8], pixels: &Pixmap) -> Result<(), jpeg_encoder::EncodingError> {
    let [width, height] = [pixels.width(), pixels.height()].map(|side| u16::try_from(side).unwrap_or(u16::MAX));
    jpeg_encoder::Encoder::new(file, QUALITY).encode(rgb, width, height, jpeg_encoder::ColorType::Rgb)
}

fn encode_png(file: &mut Vec<u8>, rgb: &[u8], pixels: &Pixmap) -> Result<(), png::EncodingError> {
    let mut encoder = png::Encoder::new(file, pixels.width(), pixels.height());
    encoder.set_color(ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_filter(png::Filter::Adaptive);
    encoder.write_header()?.write_image_data(rgb)
}

/// Width and height of a PNG or JPEG file in pixels; `None` when it is neither.
pub fn dimensions(file: &[u8]) -> Option<(u32, u32)> {
    if file.starts_with(PNG) {
        png::Decoder::new(Cursor::new(file)).read_header_info().ok().map(png::Info::size)
    } else if file.starts_with(JPEG) {
        let (width, height) = jpeg(file)?.dimensions()?;
        Some((u32::try_from(width).ok()?, u32::try_from(height).ok()?))
    } else {
        None
    }
}

/// Reads a PNG or JPEG file; `None` when it is neither, broken, or too large.
pub fn decode(file: &[u8]) -> Option<Pixmap> {
    let (width, height) = dimensions(file)?;
    let size = IntSize::from_wh(width, height)?;
    let bytes = usize::try_from(u64::from(width) * u64::from(height) * 4).ok()?;
    if bytes > MAX_DECODED_BYTES {
        return None;
    }
    let rgba = if file.starts_with(PNG) { decode_png(file)? } else { jpeg(file)?.decode().ok()? };
    Pixmap::from_vec(rgba, size)
}

/// A JPEG file whose head has been read.
fn jpeg(file: &[u8]) -> Option<JpegDecoder<ZCursor<&[u8]>>> {
    let options = DecoderOptions::default().set_strict_mode(false).jpeg_set_out_colorspace(ColorSpace::RGBA);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder.decode_headers().ok()?;
    Some(decoder)
}

fn decode_png(file: &[u8]) -> Option<Vec<u8>> {
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(file), Limits { bytes: MAX_DECODED_BYTES });
    decoder.set_transformations(Transformations::ALPHA | Transformations::STRIP_16);
    let mut reader = decoder.read_info().ok()?;
    let mut pixels = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut pixels).ok()?;
    pixels.truncate(frame.buffer_size());
    let opaque = |pixel: &[u8]| match *pixel {
        [light, _] => [light, light, light, 255],
        [red, green, blue, _] => [red, green, blue, 255],
        _ => [0, 0, 0, 255],
    };
    let samples = frame.color_type.samples();
    Some(pixels.chunks_exact(samples).flat_map(opaque).collect())
}

/// The middle of a picture at another size, which it fills.
pub fn cover(picture: &Pixmap, width: u32, height: u32) -> Option<Pixmap> {
    let mut pixels = Pixmap::new(width, height)?;
    let [from, to] = [(picture.width(), picture.height()), (width, height)].map(|(x, y)| (x as f32, y as f32));
    let scale = (to.0 / from.0).max(to.1 / from.1);
    let place =
        Transform::from_row(scale, 0.0, 0.0, scale, (to.0 - from.0 * scale) / 2.0, (to.1 - from.1 * scale) / 2.0);
    let shader = Pattern::new(picture.as_ref(), SpreadMode::Pad, FilterQuality::Bilinear, 1.0, place);
    let paint = Paint { shader, anti_alias: false, ..Paint::default() };
    pixels.fill_rect(Rect::from_xywh(0.0, 0.0, to.0, to.1)?, &paint, Transform::identity(), None);
    Some(pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of four pixels in a row, of any kind that PNG has.
    fn png_of(color: ColorType, depth: png::BitDepth, palette: &'static [u8], data: &[u8]) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, 4, 1);
        encoder.set_color(color);
        encoder.set_depth(depth);
        if !palette.is_empty() {
            encoder.set_palette(palette);
        }
        encoder.write_header().unwrap().write_image_data(data).unwrap();
        file
    }

    #[test]
    fn every_kind_of_png_is_read_so_that_any_upload_can_be_painted_over() {
        use png::BitDepth::{Eight, One, Sixteen, Two};
        let grey = [[0, 0, 0, 255], [85, 85, 85, 255], [170, 170, 170, 255], [255, 255, 255, 255]].concat();
        let files = [
            png_of(ColorType::Grayscale, Two, &[], &[0b0001_1011]),
            png_of(ColorType::Grayscale, Eight, &[], &[0, 85, 170, 255]),
            png_of(ColorType::Grayscale, Sixteen, &[], &[0, 0, 85, 85, 170, 170, 255, 255]),
            png_of(ColorType::GrayscaleAlpha, Eight, &[], &[0, 0, 85, 9, 170, 99, 255, 255]),
            png_of(ColorType::Rgb, Eight, &[], &[0, 0, 0, 85, 85, 85, 170, 170, 170, 255, 255, 255]),
            png_of(ColorType::Rgba, Eight, &[], &[0, 0, 0, 9, 85, 85, 85, 0, 170, 170, 170, 7, 255, 255, 255, 255]),
            png_of(ColorType::Indexed, Two, &[0, 0, 0, 85, 85, 85, 170, 170, 170, 255, 255, 255], &[0b0001_1011]),
        ];
        for file in files {
            assert_eq!(dimensions(&file), Some((4, 1)));
            assert_eq!(decode(&file).unwrap().data(), grey, "{:?}", &file[24..26]);
        }
        let two = png_of(ColorType::Indexed, One, &[1, 2, 3, 4, 5, 6], &[0b0110_0000]);
        assert_eq!(decode(&two).unwrap().data()[..8], [1, 2, 3, 255, 4, 5, 6, 255]);
    }

    #[test]
    fn a_file_says_again_what_was_written() {
        let mut pixels = Pixmap::new(64, 48).unwrap();
        for (at, pixel) in pixels.data_mut().chunks_exact_mut(4).enumerate() {
            pixel.copy_from_slice(&[(at % 64 * 4) as u8, (at / 64 * 5) as u8, 128, 255]);
        }
        assert_eq!(decode(&encode(&pixels, Format::Png)).unwrap(), pixels);
        let jpeg = decode(&encode(&pixels, Format::Jpeg)).unwrap();
        assert_eq!((jpeg.width(), jpeg.height()), (64, 48));
        let worst = jpeg.data().iter().zip(pixels.data()).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(worst < Some(24), "{worst:?}");
    }

    #[test]
    fn the_middle_is_kept_when_the_shape_changes() {
        let mut wide = Pixmap::new(300, 100).unwrap();
        for (at, pixel) in wide.data_mut().chunks_exact_mut(4).enumerate() {
            pixel.copy_from_slice(if (100..200).contains(&(at % 300)) { &[9, 8, 7, 255] } else { &[0, 0, 0, 255] });
        }
        for side in [50, 100, 200] {
            let square = cover(&wide, side, side).unwrap();
            let pixel =
                |x, y| square.pixel(x, y).map(|pixel| (pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()));
            for at in [2, side / 2, side - 3] {
                assert_eq!(pixel(at, at), Some((9, 8, 7, 255)), "{side} {at}");
            }
            assert_eq!(pixel(0, 0).map(|(.., alpha)| alpha), Some(255));
        }
    }

    #[test]
    fn what_would_take_all_memory_is_not_read() {
        let mut huge = encode(&Pixmap::new(1, 1).unwrap(), Format::Png);
        // The size in the head, with the checksum that belongs to it.
        huge.splice(16..24, [[0, 0, 0x40, 0]; 2].concat());
        let checksum = crc(&huge[12..29]).to_be_bytes();
        huge.splice(29..33, checksum);
        assert_eq!(dimensions(&huge), Some((16_384, 16_384)));
        assert!(decode(&huge).is_none());
    }

    fn crc(bytes: &[u8]) -> u32 {
        let bit = |crc: u32, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
        !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), bit))
    }
}
