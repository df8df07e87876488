/** Where systemd-nspawn looks for machines. */
export const IMAGES = "/var/lib/machines";
