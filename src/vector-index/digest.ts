/** SHA-256 (FIPS 180-4) by the platform's WebCrypto: megabytes are hashed in milliseconds. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytes))
}
