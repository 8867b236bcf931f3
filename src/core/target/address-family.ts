/** Of IPv4 and of IPv6. */
export type AddressFamily = 4 | 6;
