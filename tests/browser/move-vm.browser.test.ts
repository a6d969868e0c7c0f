import { describe, expect, it } from 'vitest'
import { createMoveVm } from '../../src/localnet/move-vm/create-move-vm.ts'
import { locketModules, publishFramework } from '../../src/localnet/move-vm/framework.ts'
import { Aborted, addressOf, createMoveWorld } from '../helpers/move-context.ts'

describe('the Move VM in a browser', () => {
  it('loads its WebAssembly, creates a space and refuses a malformed identity', async () => {
    const vm = await createMoveVm()
    publishFramework(vm)
    vm.publish('0x10c', locketModules())
    const world = createMoveWorld()
    const clock = addressOf(6)
    world.objects.set(clock, {
      id: clock,
      version: 1n,
      type: `${addressOf(2)}::clock::Clock`,
      owner: { kind: 'shared', initialVersion: 1n },
      contents: new Uint8Array(40).fill(6, 31, 32),
      previousTransaction: null,
    })
    const call = (name: string, ...args: (string | Uint8Array<ArrayBuffer>)[]): unknown =>
      vm.call(world.context(), {
        packageId: '0x10c',
        module: 'space',
        function: name,
        typeArguments: [],
        args: args.map((arg) =>
          typeof arg === 'string' ? { type: undefined, bcs: new Uint8Array(), objectId: arg } : { type: undefined, bcs: arg },
        ),
      })
    call('create', clock)
    const space = [...world.objects.values()].find(({ type }) => type.endsWith('::space::Space'))
    expect(space?.owner.kind).toBe('shared')
    expect(() => call('seal_approve_owner', Uint8Array.of(1, 9), space?.id ?? '')).toThrow(Aborted)
  })
})
