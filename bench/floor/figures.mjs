/** The resources this process has used so far, as a line of JSON. */
export const figures = (more) => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  console.log(JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e6, memory: maxRSS * 1024, ...more }))
}
