import { describe } from 'vitest'
import { fromUtf8, utf8 } from '../../src/core/bytes.ts'
import { formatPolicy, parsePolicy } from '../../src/policy/create-policy.ts'
import { commit, createLedger, reserve } from '../../src/policy/ledger.ts'
import { decodeLedger, encodeLedger } from '../../src/policy/ledger-codec.ts'
import { fuzzDecoder } from '../helpers/fuzz.ts'
import { ACCOUNT, ETH, NOW, policyOf } from '../helpers/policy.ts'
import { everything } from '../helpers/policy-everything.ts'

describe('a policy', () => {
  fuzzDecoder({
    name: 'policy',
    recode: (bytes) => utf8(formatPolicy(parsePolicy(fromUtf8(bytes)))),
    seeds: [everything, policyOf([])].map((policy) => utf8(formatPolicy(policy))),
    codes: ['policy/invalid', 'codec/invalid'],
    // JSON has room for white space and escapes; sets are sorted.
    isLoose: true,
  })
})

describe('a ledger', () => {
  const one = reserve(createLedger('phone'), { id: 'a', account: ACCOUNT, spends: [{ asset: ETH, amount: 2n ** 200n }], nowMs: NOW })
  const two = reserve(commit(one, { id: 'a', nowMs: NOW }), { id: 'b', account: ACCOUNT, spends: [], nowMs: NOW })
  fuzzDecoder({
    name: 'ledger',
    recode: (bytes) => encodeLedger(decodeLedger(bytes)),
    seeds: [createLedger('phone'), one, two].map(encodeLedger),
    codes: ['codec/truncated', 'codec/trailing-bytes', 'codec/unknown-version', 'codec/invalid'],
  })
})
