import { bcs } from '@mysten/sui/bcs'
import { utf8 } from '../../../core/bytes.ts'

/** The dynamic field of a blob that holds its attributes: `b"metadata"`. */
export const METADATA_FIELD = Object.freeze({
  nameType: 'vector<u8>',
  name: bcs.byteVector().serialize(utf8('metadata')).toBytes(),
})
