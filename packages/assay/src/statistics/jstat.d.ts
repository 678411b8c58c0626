declare module 'jstat' {
  const module: {
    jStat: {
      combinationln(n: number, m: number): number
      ibeta(x: number, a: number, b: number): number
      beta: { inv(p: number, a: number, b: number): number }
    }
  }
  export default module
}
