/** Version cards of a system. */
import { SystemPartsCard } from '../../pages/systems/parts-card.tsx'
import type { DetailOf } from '../of-kind.ts'

export const PartsCard = ({ version: { system } }: { version: DetailOf<'system'> }) => (
  <SystemPartsCard system={system} />
)
