/** Inside route: the parent of all pages that need a session. */
import { createRoute } from '@tanstack/react-router'
import { root } from './root-route.ts'
import { requireSession } from './shell/require-session.ts'
import { Shell } from './shell/shell.tsx'

/** Everything that needs a session. */
export const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  beforeLoad: ({ context, location }) => requireSession(context.client, location.href),
  component: Shell,
})
