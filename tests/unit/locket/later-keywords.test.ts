import { expect, it } from 'vitest'
import { postponable } from '../../../src/locket/later-keywords.ts'
import { createKeywordIndex } from '../../../src/search/keyword-index.ts'

const many = (word: string, count = 100) => Array.from({ length: count }, (_, i) => ({ id: `${word}-${i}`, text: `${word} number${i}` }))
const ids = (index: ReturnType<typeof postponable>, query: string) => index.search({ query, k: 200 }).map(({ id }) => id)

it('reads a few texts at once and a bulk when it catches up', async () => {
  const index = postponable(createKeywordIndex())
  await index.put([{ id: 'one', text: 'quince jelly' }])
  expect(ids(index, 'quince')).toEqual(['one'])
  await index.put(many('medlar'))
  expect(ids(index, 'medlar')).toEqual([])
  expect(index.size).toBe(101)
  await Promise.all([index.catchUp(), index.catchUp()])
  expect(ids(index, 'medlar').length).toBe(100)
  expect(index.size).toBe(101)
})

it('gives the last word to what replaces or removes a text before or while it is read', async () => {
  const index = postponable(createKeywordIndex())
  await index.put(many('medlar'))
  await index.put([{ id: 'medlar-1', text: 'damson' }])
  index.remove(['medlar-2'])
  const reading = index.catchUp()
  await index.put([{ id: 'medlar-90', text: 'damson' }])
  index.remove(['medlar-91', 'medlar-3'])
  await reading
  expect(ids(index, 'damson').sort()).toEqual(['medlar-1', 'medlar-90'])
  const left = ids(index, 'medlar')
  expect(left.length).toBe(95)
  for (const gone of [1, 2, 3, 90, 91]) expect(left).not.toContain(`medlar-${gone}`)
})

it('forgets what it put off when told to, and rejects with an abort’s reason', async () => {
  const index = postponable(createKeywordIndex())
  await index.put(many('medlar'))
  const reason = new Error('enough')
  await expect(index.catchUp({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  index.drop()
  await index.catchUp()
  expect(ids(index, 'medlar')).toEqual([])
  expect(index.size).toBe(0)
})
