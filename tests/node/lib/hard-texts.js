// Texts that some transport of SockJS could spoil, since each wraps them in a syntax of its own.

const characters = (first, last) =>
  String.fromCharCode(...Array.from({ length: last - first + 1 }, (_, index) => first + index));

/** Every character of the basic multilingual plane, 4096 in a text. */
const everyCharacter = Array.from({ length: 16 }, (_, plane) =>
  characters(plane * 4096, plane * 4096 + 4095).replace(/[\ud800-\udfff]/g, ''),
);

/** By what they try. */
export const HARD_TEXTS = {
  'percent signs, which eventsource decodes (SJ-ES-03)': [
    ...['50% off', '100%', '%', '%%', 'a%', '%2', '%25', '%2525', '%41', '100%41', '5%20x', '%23', '%E4', '%80'],
    ...['%0D%0A', '%00', '%u0041', '%c3%a4', '%C3%A4%', '%f0%9f%a6%80', '%ED%A0%80', 'ä%ä', '%%%'],
  ],
  'JSON within JSON (SJ-ESC-02, SJ-ESC-04)': ['"', '\\', '\\"', "'", '\\u0041', '\\n', '[]', '["a"]', '{}', 'null', '1'],
  'what looks like a frame (SJ-FRM-01)': ['o', 'h', 'a["x"]', 'c[3000,"Go away!"]', 'm"x"', 'o\nh\na["x"]\n'],
  'nothing, and white space': ['', ' ', '  a  ', '\t', '\u00a0', '\u3000', '\u0085'],
  'what a form encodes (SJ-JS-02)': ['a+b', 'a b', 'a&d=b', 'a=b', 'd=["a"]', '%2B', '+%2B +', '&amp;'],
  'what ends a script (SJ-HF-05)': [
    ...['</script>', '</SCRIPT >', '<script>', '<!--<script>', '-->', '<![CDATA[', ']]>', '<', '>', '/', '&lt;'],
    ...['");\n</script>', '*/', '//'],
  ],
  'line ends (SJ-ESC-02)': ['\n', '\r', '\r\n', '\n\n', 'a\nb\rc\r\nd\n', '\n\ndata: x\n\n', '\u2028', '\u2029'],
  'control characters (SJ-ESC-02)': [characters(0, 0x1f), characters(0x7f, 0x9f), '\0', 'a\0b'],
  'characters that have to be escaped (SJ-ESC-01)': [
    ...[characters(0x200c, 0x200f), characters(0x2028, 0x202f), characters(0x2060, 0x206f), characters(0xfff0, 0xffff)],
    ...['\ufeff', '\ufffe\uffff'],
  ],
  'characters of two UTF-16 units (SJ-ESC-03)': ['🦀', 'a😀b', '👩‍👩‍👧', '🇩🇪', '\u{10000}', '\u{10ffff}', '𝒳'.repeat(1000)],
  'every character (SJ-ESC-05)': everyCharacter,
};

/** A surrogate that is alone is no text, and may be replaced, but it breaks nothing (SJ-ESC-06). */
export const LONE_SURROGATES = ['\ud83d', 'a\udc00b', '\udc00\ud83d'];
