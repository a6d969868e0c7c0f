/** One of several tabs of an application: opens a locket as any other would, and does what the test asks. */
import { isLocketError, openLocket, type Locket } from '@locket/sdk'
import { connectLocalnet } from '@locket/sdk/localnet'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { countingSigner } from '../../helpers/counting-signer.ts'

/** What the tests call. */
export type TabUnderTest = {
  /** Resolves to the code it fails with, or `open`. */
  open(options: { readonly url: string; readonly secretKey: string }): Promise<string>
  remember(text: string): Promise<string>
  recall(query: string): Promise<readonly string[]>
  /** How many memories it uploaded. */
  flush(): Promise<number>
  /** How many it brought. */
  restore(): Promise<number>
  everything(): Promise<readonly { readonly id: string; readonly text: string }[]>
  /** What the wallet of this tab was asked. */
  asked(): readonly string[]
  /** Keeps memories for ever and uploads some, telling the witness after each acknowledgement. Resolves to what went wrong. */
  write(options: { readonly witnessUrl: string; readonly round: string }): Promise<string>
  close(): Promise<void>
}

let locket: Locket
let asked: readonly string[] = []

const tab: TabUnderTest = {
  async open({ url, secretKey }) {
    const wallet = countingSigner(Ed25519Keypair.fromSecretKey(secretKey))
    ;({ asked } = wallet)
    try {
      locket = await openLocket({ network: await connectLocalnet(url, { signer: wallet.signer }) })
      return 'open'
    } catch (error) {
      return isLocketError(error) ? error.code : String(error)
    }
  },
  remember: async (text) => (await locket.remember(text)).id,
  recall: async (query) => (await locket.recall(query)).map(({ memory }) => memory.text),
  flush: async () => (await locket.flush()).memories,
  restore: async () => (await locket.restore()).restored,
  async everything() {
    const memories = []
    for await (const { id, text } of locket.all()) memories.push({ id, text })
    return memories
  },
  asked: () => asked,
  async write({ witnessUrl, round }) {
    try {
      for (let i = 0; ; i++) {
        const { id } = await locket.remember(`memory ${round}/${i}`)
        await fetch(witnessUrl, { method: 'POST', body: id })
        if (i % 8 !== 7) continue
        await locket.flush().catch((error: unknown) => {
          if (!isLocketError(error, 'tabs/outcome-unknown')) throw error
        })
      }
    } catch (error) {
      return isLocketError(error) ? `${error.operation}: ${error.message}` : String(error)
    }
  },
  close: () => locket.close(),
}

Object.assign(globalThis, { tab })
