import { effect, signal } from '@preact/signals'

export type Theme = 'system' | 'light' | 'dark'

const stored = (): Theme => {
  try {
    const word = localStorage.getItem('taskchain-theme')
    return word === 'light' || word === 'dark' ? word : 'system'
  } catch {
    return 'system' // storage is disabled
  }
}

export const theme = signal<Theme>(stored())
const prefersDark = matchMedia('(prefers-color-scheme: dark)')
const systemDark = signal(prefersDark.matches)
prefersDark.addEventListener('change', ({ matches }) => {
  systemDark.value = matches
})
export const isDark = (): boolean => (theme.value === 'system' ? systemDark.value : theme.value === 'dark')

effect(() => {
  document.documentElement.dataset.theme = isDark() ? 'dark' : 'light'
})

export const setTheme = (next: Theme): void => {
  theme.value = next
  try {
    if (next === 'system') localStorage.removeItem('taskchain-theme')
    else localStorage.setItem('taskchain-theme', next)
  } catch {
    // then it applies to this visit only
  }
}
