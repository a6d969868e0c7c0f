import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createHttpEmbedder } from '../../../src/embed/http.ts'

const KEY = 'sk-never-to-be-seen'
const TEXT = 'a very private sentence'
type Seen = { readonly headers: IncomingMessage['headers']; readonly body: { model: string; input: string[]; dimensions?: number } }
const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** A loopback endpoint; without an answer of its own it gives `[length of the text, 1]`, last text first. */
async function endpoint(answer?: (response: ServerResponse, seen: Seen) => void) {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => (text += chunk))
    request.on('end', () => {
      const one = { headers: request.headers, body: JSON.parse(text) as Seen['body'] }
      seen.push(one)
      if (answer !== undefined) return answer(response, one)
      const data = one.body.input.map((input, index) => ({ index, embedding: [input.length, 1] })).toReversed()
      response.end(JSON.stringify({ data }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/v1/embeddings`, host: `127.0.0.1:${port}`, seen }
}

const options = { model: 'm', dimensions: 2, apiKey: KEY }

describe('createHttpEmbedder', () => {
  it('says where the text goes and names its model', async () => {
    const { url, host } = await endpoint()
    expect(createHttpEmbedder({ ...options, url })).toMatchObject({ id: 'http:m:2', dimensions: 2, sendsTextTo: host })
  })

  it('sends batches with the key and restores the order of the answer', async () => {
    const { url, seen } = await endpoint()
    const embedder = createHttpEmbedder({ ...options, url, batchSize: 2, sendDimensions: true, prefix: { document: '', query: 'q ' } })
    const vectors = await embedder.embed(['a', 'bb', ''], { purpose: 'query' })
    expect(vectors).toEqual([Float32Array.of(3, 1), Float32Array.of(4, 1), Float32Array.of(2, 1)])
    expect(seen.map((one) => one.body.input)).toEqual([['q a', 'q bb'], ['q ']])
    expect(seen[0]?.headers.authorization).toBe(`Bearer ${KEY}`)
    expect(seen[0]?.body).toMatchObject({ model: 'm', dimensions: 2 })
  })

  it('sends something for an empty text and nothing for no text', async () => {
    const { url, seen } = await endpoint()
    const embedder = createHttpEmbedder({ ...options, url })
    expect(await embedder.embed([])).toEqual([])
    expect(seen).toHaveLength(0)
    await embedder.embed(['', 'lone \ud800 surrogate'])
    expect(seen[0]?.body.input).toEqual([' ', 'lone \ufffd surrogate'])
  })

  it.each([
    ['not JSON', 'nonsense'],
    ['null', 'null'],
    ['no data', '{}'],
    ['too few vectors', '{"data":[]}'],
    ['too many vectors', '{"data":[{"embedding":[1,1]},{"embedding":[1,1]}]}'],
    ['a vector of text', '{"data":[{"embedding":["1","1"]}]}'],
    ['no vector', '{"data":[null]}'],
    ['an index out of range', '{"data":[{"index":1,"embedding":[1,1]}]}'],
    ['the wrong length', '{"data":[{"embedding":[1,1,1]}]}'],
    ['an infinite value', '{"data":[{"embedding":[1e300,1]}]}'],
    ['zeros', '{"data":[{"embedding":[0,0]}]}'],
  ])('refuses an answer with %s', async (_, body) => {
    const { url } = await endpoint((response) => response.end(body))
    await expect(createHttpEmbedder({ ...options, url }).embed([TEXT])).rejects.toMatchObject({ code: 'embed/failed' })
  })

  it('refuses one index given twice', async () => {
    const { url } = await endpoint((response) => response.end('{"data":[{"index":0,"embedding":[1,1]},{"index":0,"embedding":[1,1]}]}'))
    await expect(createHttpEmbedder({ ...options, url }).embed(['a', 'b'])).rejects.toMatchObject({ details: { reason: 'answer' } })
  })

  it.each([401, 429, 500])('reports status %i without key, text or what the server said', async (status) => {
    const { url } = await endpoint((response, seen) => {
      response.statusCode = status
      response.end(`bad key ${seen.headers.authorization} for ${seen.body.input[0]}`)
    })
    const error = await createHttpEmbedder({ ...options, url })
      .embed([TEXT])
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'embed/failed', retry: 'same', details: { reason: 'status', status } })
    const shown = `${String(error)} ${JSON.stringify(error)} ${(error as Error).stack} ${String((error as Error).cause)}`
    expect(shown).not.toContain(KEY)
    expect(shown).not.toContain(TEXT)
  })

  it('does not follow a redirect', async () => {
    const other = await endpoint()
    const { url } = await endpoint((response) => {
      response.writeHead(307, { location: other.url })
      response.end()
    })
    await expect(createHttpEmbedder({ ...options, url }).embed([TEXT])).rejects.toMatchObject({ code: 'embed/failed' })
    expect(other.seen).toHaveLength(0)
  })

  it('reports an endpoint that is not there and one that does not answer', async () => {
    const { url } = await endpoint()
    for (const close of closers.splice(0)) close()
    await expect(createHttpEmbedder({ ...options, url }).embed(['a'])).rejects.toMatchObject({ details: { reason: 'network' } })
    const silent = await endpoint(() => undefined)
    await expect(createHttpEmbedder({ ...options, url: silent.url, timeoutMs: 50 }).embed(['a'])).rejects.toMatchObject({
      code: 'embed/failed',
      details: { reason: 'timeout' },
    })
  })

  it('rejects with the reason of an aborted signal', async () => {
    const controller = new AbortController()
    const { url } = await endpoint(() => controller.abort(new Error('enough')))
    const pending = createHttpEmbedder({ ...options, url }).embed(['a'], { signal: controller.signal })
    await expect(pending).rejects.toThrow('enough')
    await expect(createHttpEmbedder({ ...options, url }).embed(['a'], { signal: controller.signal })).rejects.toBe(controller.signal.reason)
  })

  it('keeps the key out of the embedder itself', async () => {
    const { url } = await endpoint()
    expect(JSON.stringify(createHttpEmbedder({ ...options, url }))).not.toContain(KEY)
  })

  it.each([
    { url: 'http://example.org/v1/embeddings' },
    { url: 'ftp://127.0.0.1/' },
    { url: 'https://user:pass@example.org/' },
    { url: 'nowhere' },
    { model: '' },
    { dimensions: 0 },
    { dimensions: 1.5 },
    { batchSize: 0 },
    { timeoutMs: 0 },
  ])('refuses %j', (wrong) => {
    expect(() => createHttpEmbedder({ ...options, url: 'https://example.org/', ...wrong })).toThrow(
      expect.objectContaining({ code: 'usage/invalid-argument' }),
    )
  })
})
