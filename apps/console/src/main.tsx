/** Main: starts the console in the page. */
import { isPassing, problemOf } from '@skerry/client/problem'
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { TooltipLayer } from './components/dialogs/tooltip.tsx'
import { setConnectionState, stateAfter } from './hub/connection-state.ts'
import { createConsoleRouter } from './router.tsx'
import { language } from './texts/language.ts'
import { applyTheme } from './theme/theme.ts'
import './theme/styles.css'

/** The console retries a network problem this often, and a rejected request never. */
const RETRIES_MAX = 2

document.documentElement.lang = language
applyTheme()
const client = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      const after = stateAfter(problemOf(error))
      if (after) setConnectionState(after)
    },
  }),
  defaultOptions: {
    queries: {
      // The hub reports when something has changed.
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < RETRIES_MAX && isPassing(problemOf(error)),
    },
  },
})
const router = createConsoleRouter(client)
const place = document.getElementById('page')
if (!place) throw new Error('the document has no place for the page')
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
      <TooltipLayer />
    </QueryClientProvider>
  </StrictMode>,
)
