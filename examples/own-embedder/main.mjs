// An embedder is an object with four members. This one knows three topics; a model of your own goes in the same place.
import { openLocket } from '@locket/sdk'
import { localnet } from '@locket/sdk/localnet'

const topics = [
  ['dog', 'cat', 'pet', 'vet'],
  ['train', 'flight', 'journey', 'travel'],
  ['soup', 'bread', 'eat', 'dinner'],
]

const embedder = {
  id: 'three-topics/1', // stored with the index, which refuses vectors of another model
  dimensions: topics.length + 1,
  sendsTextTo: null, // or the host that gets to read the texts
  async embed(texts) {
    return texts.map((text) => {
      const words = text.toLowerCase().split(/\W+/)
      const counts = topics.map((topic) => words.filter((word) => topic.includes(word)).length)
      return Float32Array.from([...counts, 0.1]) // never all zero
    })
  },
}

const locket = await openLocket({ network: await localnet(), embedder })
await locket.remember('The cat must see the vet in May')
await locket.remember('Night train to Vienna, berth 12')
await locket.remember('Bread needs eleven hours')

const [hit] = await locket.recall('which journey did I plan?', { mode: 'semantic' })
console.log(hit.memory.text, `(similarity ${hit.explain.similarity.toFixed(2)})`)
console.log('embedder:', locket.status().embedder)
await locket.close()
