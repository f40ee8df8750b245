/** Version cards of an image of an operating system. */
import { ImagePartsCard } from '../../pages/os/image-card.tsx'
import type { DetailOf } from '../of-kind.ts'

export const ImageCard = ({ version: { os } }: { version: DetailOf<'os'> }) => <ImagePartsCard image={os} />
