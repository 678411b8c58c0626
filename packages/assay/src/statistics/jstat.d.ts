declare module 'jstat' {
  const module: {
    jStat: {
      ibeta(x: number, a: number, b: number): number
      beta: { inv(p: number, a: number, b: number): number }
    }
  }
  export default module
}
