import { deriveDynamicFieldID } from '@mysten/sui/utils'
import { utf8 } from '../../../core/bytes.ts'
import type { Twin } from '../../ledger/types.ts'
import type { BlobRegistry } from '../blob-registry.ts'
import { BlobObject, Metadata, MetadataField } from '../move-types.ts'
import { FRAMEWORK, TYPES } from '../names.ts'
import { BLOB_ABORT, VEC_MAP_KEY_MISSING } from './abort-codes.ts'
import { byRef, byValue, PARAMETERS, PURE, type TwinCall, walrusTwin } from './call.ts'
import { METADATA_FIELD } from './metadata-field.ts'
import { removeBlob } from './system-twins.ts'

/**
 * Twins of `walrus::blob::{burn, add_metadata, insert_or_update_metadata_pair,
 * remove_metadata_pair}` and `walrus::metadata::new`.
 */
export function blobTwins(registry: BlobRegistry): readonly Twin[] {
  return [
    walrusTwin('blob', 'burn', [PARAMETERS.blob], (call) => {
      const blob = BlobObject.parse(call.object(0).contents)
      removeBlob(call, blob.id)
      registry.noteBurned(blob)
    }),
    walrusTwin('metadata', 'new', [], () => [
      { type: TYPES.metadata, bcs: new Uint8Array(Metadata.serialize({ metadata: { contents: [] } }).toBytes()) },
    ]),
    walrusTwin('blob', 'add_metadata', [PARAMETERS.blobMut, byValue(TYPES.metadata)], (call) => {
      const attributes = openAttributes(call)
      if (attributes.found) call.abort('blob', 'add_metadata', BLOB_ABORT.duplicateMetadata)
      attributes.save(call.pure(1, Metadata).metadata.contents)
    }),
    walrusTwin('blob', 'insert_or_update_metadata_pair', [PARAMETERS.blobMut, byValue(TYPES.string), byValue(TYPES.string)], (call) => {
      const attributes = openAttributes(call)
      const key = call.pure(1, PURE.string)
      const value = call.pure(2, PURE.string)
      // An updated pair moves to the end: the contract removes it and inserts it again.
      attributes.save([...attributes.pairs.filter((pair) => pair.key !== key), { key, value }])
    }),
    walrusTwin('blob', 'remove_metadata_pair', [PARAMETERS.blobMut, byRef(TYPES.string)], (call) => {
      const attributes = openAttributes(call)
      if (!attributes.found) call.abort('blob', 'metadata', BLOB_ABORT.missingMetadata)
      const key = call.pure(1, PURE.string)
      const pair = attributes.pairs.find((candidate) => candidate.key === key)
      if (pair === undefined) {
        return call.context.abort({ packageId: FRAMEWORK, module: 'vec_map', function: 'get_idx' }, VEC_MAP_KEY_MISSING)
      }
      attributes.save(attributes.pairs.filter((candidate) => candidate !== pair))
      return [pair.key, pair.value].map((text) => ({ type: TYPES.string, bcs: new Uint8Array(PURE.string.serialize(text).toBytes()) }))
    }),
  ]
}

type Pair = { key: string; value: string }

/** The attributes of the blob given as argument 0. */
function openAttributes(call: TwinCall): { readonly found: boolean; readonly pairs: readonly Pair[]; save(pairs: readonly Pair[]): void } {
  const parent = call.object(0).id
  const id = deriveDynamicFieldID(parent, METADATA_FIELD.nameType, METADATA_FIELD.name)
  const field = call.context.get(id)
  const pairs = field === undefined ? [] : MetadataField.parse(field.contents).value.metadata.contents
  return {
    found: field !== undefined,
    pairs,
    save: (contents) =>
      call.context.write({
        id,
        type: TYPES.metadataField,
        contents: MetadataField.serialize({ id, name: utf8('metadata'), value: { metadata: { contents: [...contents] } } }).toBytes(),
        owner: { kind: 'object', parent },
      }),
  }
}
