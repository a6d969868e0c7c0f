/** Status of each error name of the key-server protocol (MystenLabs/seal `crates/key-server/src/errors.rs`). */
const STATUS = {
  InvalidPTB: 403,
  InvalidPackage: 403,
  NoAccess: 403,
  InvalidCertificate: 403,
  InvalidSignature: 403,
  InvalidSessionSignature: 403,
  InvalidParameter: 403,
  InvalidMVRName: 403,
  InvalidSDKVersion: 400,
  InvalidServiceId: 400,
  UnsupportedPackageId: 400,
  MissingRequiredHeader: 400,
  DeprecatedSDKVersion: 426,
  Failure: 503,
} as const

export type KeyServerErrorName = keyof typeof STATUS

/** A refusal, as it goes out: `{ error, message }` under the status the protocol gives it. */
export class KeyServerError extends Error {
  override readonly name: string = 'KeyServerError'
  readonly error: KeyServerErrorName

  constructor(error: KeyServerErrorName, message: string) {
    super(message)
    this.error = error
  }

  get status(): number {
    return STATUS[this.error]
  }
}
