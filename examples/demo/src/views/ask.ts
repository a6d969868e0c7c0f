import { button, byId, show, tagById } from '../dom.ts'
import { plural } from '../format.ts'
import { explainError } from '../plain-words.ts'
import type { Monitor } from '../privacy/monitor.ts'
import type { World } from '../world.ts'
import { memoryCard } from './memory-card.ts'

const EXAMPLES = [
  'Where did I hide my cheese and wine from the fire?',
  'the first time I tasted tea',
  'houses marked with a red cross for the plague',
  'a dog given the blood of another dog',
  'why am I giving up this journal?',
  'the worst play I ever heard',
]
const MOST_HITS = 5

/** The question box, its examples, and the answers. */
export function startAsk(world: World, monitor: Monitor): void {
  const question = tagById('input', 'question')
  const status = byId('ask-status')
  let asked = 0

  const ask = async () => {
    const query = question.value.trim()
    if (query === '') return question.focus()
    const turn = ++asked
    // The question must not be found outside any more than the diary.
    monitor.guard([query])
    const startedMs = performance.now()
    try {
      const hits = await world.locket.recall(query, { limit: MOST_HITS })
      if (turn !== asked) return
      const tookMs = Math.max(1, Math.round(performance.now() - startedMs))
      const { memories } = world.status()
      status.textContent =
        hits.length === 0
          ? `Nothing found among ${plural(memories, 'memory', 'memories')}.`
          : `The best ${hits.length} of ${plural(memories, 'memory', 'memories')}, found on this device in ${tookMs} ms.`
      byId('hits').replaceChildren(...hits.map((hit) => memoryCard(world, { memory: hit.memory, hit }, (text) => monitor.guard([text]))))
    } catch (error) {
      show(status, explainError(error))
    }
  }

  byId('ask-form').addEventListener('submit', (event) => {
    event.preventDefault()
    void ask()
  })
  byId('examples').replaceChildren(
    ...EXAMPLES.map((example) =>
      button(example, () => {
        question.value = example
        void ask()
      }),
    ),
  )
  let saysEmpty = false
  world.on('changed', () => {
    if (!saysEmpty || world.status().memories === 0) return
    saysEmpty = false
    status.textContent = 'The diary is back. Ask again.'
  })
  world.on('opened', () => {
    byId('hits').replaceChildren()
    status.textContent = 'This device is empty.'
    saysEmpty = true
  })
}
