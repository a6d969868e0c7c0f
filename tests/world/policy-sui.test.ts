import { expect, it } from 'vitest'
import { createLedger } from '../../src/policy/ledger.ts'
import { createPolicy } from '../../src/policy/create-policy.ts'
import { evaluateAndReserve } from '../../src/policy/evaluate-and-reserve.ts'
import type { EffectKind } from '../../src/policy/policy.ts'
import type { EvaluateRequest } from '../../src/policy/request.ts'
import { allow, approve, factsOf, NOW, within } from '../helpers/policy.ts'
import { ALICE, BOB, CAROL, intentOf, SUI_ASSET } from '../helpers/sui-transactions.ts'

const SUI = 1_000_000_000n
const value: readonly EffectKind[] = ['transfer']

/** Ten SUI a day to Bob, gas included; above three at once the person is asked. */
const policy = createPolicy({
  version: 1,
  id: 'allowance',
  chains: ['sui:localnet'],
  accounts: [ALICE],
  devices: [{ device: 'phone', parts: 1 }],
  rules: [
    allow('to Bob', value, { kind: 'to', compare: 'in', addresses: [BOB] }, within(10n * SUI, 'day', SUI_ASSET)),
    allow('gas', ['fee'], within(10n * SUI, 'day', SUI_ASSET)),
    approve(
      'much at once',
      value,
      { approvers: ['person'], threshold: 1 },
      { kind: 'spend', asset: SUI_ASSET, per: 'transaction', compare: '>', amount: 3n * SUI },
    ),
  ],
})

const payment = (to: string, amount: bigint) =>
  intentOf((tx) => {
    tx.transferObjects([tx.splitCoins(tx.gas, [amount])], to)
  })

it('decides about the bytes that would be signed, and about what was approved only', async () => {
  let spent: EvaluateRequest['spent'] = createLedger('phone')
  const decide = async (to: string, amount: bigint, facts = factsOf()) => {
    const intent = await payment(to, amount)
    const { verdict, ledger } = evaluateAndReserve({ policy, intent, facts, nowMs: NOW, spent })
    spent = ledger
    return verdict
  }
  expect(await decide(BOB, 2n * SUI)).toMatchObject({ decision: 'allow', spends: [{ asset: SUI_ASSET, amount: 2n * SUI + 10_000_000n }] })
  expect((await decide(CAROL, 1n)).decision).toBe('deny')

  const asked = await decide(BOB, 5n * SUI)
  expect(asked).toMatchObject({ decision: 'wait', waitsFor: [{ rule: 'much at once', approvers: ['person'], missing: 1 }] })
  const { policyHash, intentHash } = asked
  const facts = factsOf({ approvals: [{ by: 'person', policyHash, intentHash, expiresAtMs: NOW + 1_000 }] })
  // Approved is this intent: not another amount, not another recipient.
  expect((await decide(BOB, 6n * SUI, facts)).decision).toBe('wait')
  expect((await decide(CAROL, 5n * SUI, facts)).decision).toBe('deny')
  expect((await decide(BOB, 5n * SUI, facts)).decision).toBe('allow')

  // Seven and the gas are reserved; three more are over the day.
  const over = await decide(BOB, 3n * SUI)
  expect(over.decision).toBe('deny')
  expect(over.reasons.map(({ rule }) => rule)).toContain('to Bob')
  expect((await decide(BOB, 2n * SUI)).decision).toBe('allow')
})

it('denies what the decoder cannot vouch for, whatever is allowed', async () => {
  const intent = await intentOf((tx) => {
    const [coin] = tx.moveCall({ target: '0xbad::vault::withdraw', arguments: [] })
    if (coin !== undefined) tx.transferObjects([coin], BOB)
  })
  const { verdict } = evaluateAndReserve({ policy, intent, facts: factsOf(), nowMs: NOW, spent: createLedger('phone') })
  expect(verdict.decision).toBe('deny')
})
