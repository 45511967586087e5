"""HTTP/1.1 on sockets: strict towards clients, sceptical towards upstreams, short on the way."""
