/** Colour scheme: whether the page is light or dark now, for parts that style sheets do not draw. */
import { useSyncExternalStore } from 'react'
import { useTheme } from './theme.ts'

const dark = window.matchMedia('(prefers-color-scheme: dark)')

function subscribe(listener: () => void): () => void {
  dark.addEventListener('change', listener)
  return () => dark.removeEventListener('change', listener)
}

/** Changes with the theme, and with the system if the theme follows the system. */
export function useColourScheme(): 'light' | 'dark' {
  const theme = useTheme()
  const isSystemDark = useSyncExternalStore(subscribe, () => dark.matches)
  if (theme !== 'system') return theme
  return isSystemDark ? 'dark' : 'light'
}
