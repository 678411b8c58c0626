import { describe, expect, it } from 'vitest'
import { Lockstep } from './lockstep.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('Lockstep', () => {
  it('lets all go on together, in the order of their numbers, once the last has come', async () => {
    const lockstep = new Lockstep()
    const gone: number[] = []
    const next = (number: number) => lockstep.next(number).then(() => gone.push(number))
    for (let members = 0; members < 3; members += 1) lockstep.join()
    next(2)
    next(0)
    await turn()
    expect(gone).toEqual([])
    next(1)
    await turn()
    expect(gone).toEqual([0, 1, 2])
  })

  it('waits no longer for one that leaves', async () => {
    const lockstep = new Lockstep()
    let gone = false
    lockstep.join()
    lockstep.join()
    lockstep.next(0).then(() => {
      gone = true
    })
    await turn()
    expect(gone).toBe(false)
    lockstep.leave()
    await turn()
    expect(gone).toBe(true)
  })

  it('leaves room between two steps for what waits to begin', async () => {
    const lockstep = new Lockstep()
    const seen: string[] = []
    lockstep.join()
    setImmediate(() => seen.push('beginning'))
    await lockstep.next(0).then(() => seen.push('step'))
    expect(seen).toEqual(['beginning', 'step'])
  })
})
