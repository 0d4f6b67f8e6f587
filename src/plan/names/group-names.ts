/** Whether a group equals another or is below it: `models:linear` is below `models`. */
export const isGroupBelow = (group: string, above: string): boolean => group === above || group.startsWith(`${above}:`)
