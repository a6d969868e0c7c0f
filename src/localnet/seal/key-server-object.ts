import { bcs } from '@mysten/bcs'
import { concatBytes, fromHex } from '../../core/bytes.ts'
import type { Ledger } from '../ledger/types.ts'

/** Package that the localnet's key-server objects belong to. */
const SEAL_PACKAGE_ID: string = `0x${'5ea1'.padStart(64, '0')}`

const PartialKeyServer = bcs.struct('PartialKeyServer', {
  name: bcs.string(),
  url: bcs.string(),
  partialPk: bcs.byteVector(),
  partyId: bcs.u16(),
})
const ServerType = bcs.enum('ServerType', {
  Independent: bcs.struct('Independent', { url: bcs.string() }),
  Committee: bcs.struct('Committee', { version: bcs.u32(), threshold: bcs.u16(), partialKeyServers: bcs.vector(PartialKeyServer) }),
})
const KeyServerV1 = bcs.struct('KeyServerV1', { name: bcs.string(), url: bcs.string(), keyType: bcs.u8(), pk: bcs.byteVector() })
const KeyServerV2 = bcs.struct('KeyServerV2', { name: bcs.string(), keyType: bcs.u8(), pk: bcs.byteVector(), serverType: ServerType })

/** The only key type there is: Boneh-Franklin over BLS12-381. */
const KEY_TYPE = 0

/**
 * Places the two objects a Seal client looks a key server up by: `KeyServer`
 * with its version range, and a dynamic field holding the versioned record
 * (MystenLabs/seal `move/seal/sources/key_server.move`).
 */
export function placeKeyServer(
  ledger: Ledger,
  server: {
    readonly objectId: string
    readonly name: string
    readonly url: string
    readonly publicKey: Uint8Array
    readonly version: 1 | 2
  },
): void {
  const { objectId, name, url, version } = server
  const pk = Uint8Array.from(server.publicKey)
  const versionBytes = bcs.u64().serialize(version).toBytes()
  ledger.place({
    id: objectId,
    type: `${SEAL_PACKAGE_ID}::key_server::KeyServer`,
    contents: concatBytes(fromHex(objectId), versionBytes, versionBytes),
    owner: { kind: 'shared', initialVersion: 1n },
  })
  ledger.placeField({
    parent: objectId,
    nameType: 'u64',
    name: versionBytes,
    valueType: `${SEAL_PACKAGE_ID}::key_server::KeyServerV${version}`,
    value:
      version === 1
        ? KeyServerV1.serialize({ name, url, keyType: KEY_TYPE, pk }).toBytes()
        : KeyServerV2.serialize({ name, keyType: KEY_TYPE, pk, serverType: { Independent: { url } } }).toBytes(),
  })
}
