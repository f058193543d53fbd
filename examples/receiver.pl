#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# receiver.pl FILE: an endpoint for webhooks on a free port of this machine. It prints where it listens,
# then a line for each webhook: its id, and the status it was answered with, 503 while FILE is there.
use strict;
use warnings;
use IO::Socket::INET;

my $broken = shift or die "usage: receiver.pl FILE\n";
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 16) or die "receiver.pl: $@\n";
$| = 1;
print 'listens at http://127.0.0.1:', $listener->sockport, "/\n";
while (my $peer = $listener->accept) {
	my ($id, $size) = ('-', 0);
	while (defined(my $line = <$peer>)) {
		last if $line eq "\r\n";
		$id = $1 if $line =~ /^webhook-id:\s*(\S+)/i;
		$size = $1 if $line =~ /^content-length:\s*(\d+)/i;
	}
	read $peer, my $body, $size;
	my $status = -e $broken ? 503 : 200;
	print "$id $status\n";
	print $peer "HTTP/1.1 $status -\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
}
