/** Sign-in notice: what whoever runs the hub wants read before anybody signs in. Nothing where there is none. */
import { useQuery } from '@tanstack/react-query'
import { queries } from '../../hub/queries.ts'
import { doorTexts } from './english-door.ts'

export function SignInNotice() {
  const { data } = useQuery(queries.about())
  if (data?.notice === undefined) return null
  return (
    <section
      aria-label={doorTexts.notice}
      className="mt-4 max-h-60 overflow-y-auto rounded-md border border-line bg-raised px-3 py-2 text-sm wrap-anywhere whitespace-pre-line"
    >
      {data.notice}
    </section>
  )
}
