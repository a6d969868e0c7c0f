/** Texts of many scripts and oddities whose vectors are recorded. */
export const HASHING_TEXTS: readonly string[] = [
  'Allergic to peanuts since 2019',
  'and there my wife came to the bed with red hot tongs, red, RED',
  'Zürich, Łódź, œuvre, ﬁne',
  'Москва слезам не верит',
  '東京都へ行きました。ラーメン',
  'สวัสดีครับ',
  'שלום עולם',
  'party 🎂 at 9',
  'lone \ud800 surrogate \udfff and \u0000 NUL',
  '',
  '?!',
  'a'.repeat(5_000),
]

/** SHA-256 of the 384-dimension vectors' bytes (little-endian), one after another. Changes only with the embedder's id. */
export const HASHING_DIGEST = '0b5010df669e0086f4ffd8124c66c3e82f5b0c5cbf839d4cb971eaca2e1eefb1'
