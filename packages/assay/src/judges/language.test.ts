import { describe, expect, test } from 'vitest'
import { isReadable } from './language.ts'

describe('judged', () => {
  test.each([
    [
      'English',
      'The committee met on Tuesday to talk about the new bridge, and nobody could say what it would cost in the end.',
    ],
    ['too short to tell', 'Ja, gerne!'],
    ['a name and a formula', 'α + β = γ, 王小明'],
    [
      'English with names and loan words',
      'For lunch in Nîmes we had a salade niçoise and a crème brûlée, and Jean-Pierre told us about his château.',
    ],
    ['code', 'for (const [key, value] of Object.entries(table)) { total += value * (rates[key] ?? 1); } return total;'],
    ['emoji and numbers', '👍 100 % 🎉 2024-01-01 😀😀😀'],
    ['nothing', ''],
  ])('%s', (_, text) => {
    expect(isReadable(text)).toBe(true)
  })
})

describe('not judged', () => {
  test.each([
    [
      'German',
      'Der Ausschuss traf sich am Dienstag, um über die neue Brücke zu sprechen, und niemand konnte sagen, was sie am Ende kosten würde.',
    ],
    [
      'French',
      'Le comité s’est réuni mardi pour parler du nouveau pont, et personne ne pouvait dire ce qu’il coûterait finalement.',
    ],
    [
      'Spanish',
      'El comité se reunió el martes para hablar del nuevo puente, y nadie pudo decir cuánto costaría al final de todo.',
    ],
    ['a short sentence in Japanese', '今日はとても寒いですね。'],
    [
      'Russian',
      'Комитет собрался во вторник, чтобы поговорить о новом мосте, и никто не мог сказать, сколько он будет стоить.',
    ],
    ['Chinese', '委员会星期二开会讨论新桥的问题，没有人能说出它最终要花多少钱，所以会议没有结果。'],
    ['Arabic', 'اجتمعت اللجنة يوم الثلاثاء للحديث عن الجسر الجديد، ولم يستطع أحد أن يقول كم سيكلف في النهاية.'],
  ])('%s', (_, text) => {
    expect(isReadable(text)).toBe(false)
  })
})
