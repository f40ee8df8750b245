/** Hub client: the typed client of the hub that served this page. The browser holds the session; the header proves that the page is ours. */
import { createClient, type SkerryClient } from '@skerry/client/client'
import type { Connection } from '@skerry/client/connection'
import { SESSION_HEADER } from '@skerry/contract/api/access/session-procedures'
import { tellOrganisation } from './shown-organisation.ts'

export const connection: Connection = {
  hub: window.location.origin,
  fetch: (input, init) => {
    const request = new Request(input, init)
    request.headers.set(SESSION_HEADER, '1')
    tellOrganisation(request.headers)
    return fetch(request)
  },
}

export const hub: SkerryClient = createClient(connection)
