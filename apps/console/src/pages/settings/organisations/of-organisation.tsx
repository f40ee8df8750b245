/** Of organisation: a card, or the reason why it is not for whoever looks. */
import type { Permission } from '@skerry/contract/people/permissions'
import type { ReactNode } from 'react'
import { Card } from '../../../components/card.tsx'
import { useRefusal } from '../../../hub/permission.ts'

type OfOrganisationProps = { title: string; permission: Permission; procedure: string; children: () => ReactNode }

export function OfOrganisation({ title, permission, procedure, children }: OfOrganisationProps) {
  const refusal = useRefusal(permission, procedure)
  if (refusal === undefined) return children()
  return (
    <Card title={title}>
      <p className="text-sm text-soft wrap-anywhere">{refusal}</p>
    </Card>
  )
}
